import { processEnv } from '../config/process-env.ts';

/** A variable of the machine rather than of the service (PATH, JAVA_HOME, KAFKA_HOME); undefined when unset or empty. */
export function hostVariable(name: string): string | undefined {
  const value = processEnv()[name];
  return value === '' ? undefined : value;
}

/** This process's variables with `extra` on top, for a program to be started with. */
export function hostEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...processEnv(), ...extra };
}
