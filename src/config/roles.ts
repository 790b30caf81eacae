/** What a process does. `cli` is the command line, which needs the fewest settings. */
export const ROLES = ['all', 'ingress', 'worker', 'sweeper', 'codec-server', 'emulator', 'cli'] as const;
export type Role = (typeof ROLES)[number];

/** The roles that `npm start -- <role>` knows. */
export const PROCESS_ROLES = ['all', 'ingress', 'worker', 'sweeper', 'codec-server', 'emulator'] as const;
export type ProcessRole = (typeof PROCESS_ROLES)[number];

export function isProcessRole(text: string): text is ProcessRole {
  return PROCESS_ROLES.some((role) => role === text);
}
