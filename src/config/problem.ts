/** One thing wrong with the settings. `text` begins with the variable's name and ends with the remedy. */
export type Problem = {
  /** Everything the finding rests on: a cross-check is dropped if one of them is wrong already. */
  readonly variables: readonly string[];
  readonly text: string;
};

/** Begins with the first name; rests on all of them. */
export function finding([name, ...others]: readonly [string, ...string[]], text: string): Problem {
  return { variables: [name, ...others], text: `${name}: ${text}` };
}
