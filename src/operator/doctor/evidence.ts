import { fail, type Found, ok } from './findings.ts';
import type { StoreSeen } from './ports.ts';

/** Each store by itself; that they are two, the settings see to. */
export function judgeStores(stores: readonly StoreSeen[]): readonly Found[] {
  return stores.map(({ setting, trouble }) => {
    if (trouble === undefined) return ok(`${setting}: a probe could be written once, read and deleted`);
    const [saw = '', ...remedy] = trouble.split('; ');
    return fail(saw, remedy.length > 0 ? remedy.join('; ') : `look at what ${setting} names`);
  });
}
