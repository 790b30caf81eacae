import { InvalidArgumentError } from 'commander';

/** Reads the option of a developer's command: a whole number of at least `least`. */
export function wholeNumberFrom(least: 0 | 1): (text: string) => number {
  return (text) => {
    if (!/^\d{1,9}$/.test(text) || Number(text) < least) throw new InvalidArgumentError(`A whole number from ${least} on.`);
    return Number(text);
  };
}
