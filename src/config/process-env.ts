/** The only place that touches `process.env`; everything else receives the environment or the config made of it. */
export function processEnv(): NodeJS.ProcessEnv {
  return process.env;
}
