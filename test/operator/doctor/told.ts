import { expect } from 'vitest';
import type { Found, Status } from '../../../src/operator/doctor/findings.ts';

type Told = Found | readonly Found[];
export type Case = readonly [what: string, told: () => Told | Promise<Told>, status: Status, saw: RegExp];

/** One line of that status says it, and what is well or was not looked at says nothing to do. */
export async function expectTold(
  told: Told | Promise<Told>,
  { status, saw }: { readonly status: Status; readonly saw: RegExp },
): Promise<void> {
  const found = [await told].flat();
  expect(found.filter((one) => saw.test(one.saw)).map((one) => one.status)).toEqual([status]);
  for (const one of found) if (one.status === 'OK' || one.status === 'SKIPPED') expect(one.remedy).toBeUndefined();
}
