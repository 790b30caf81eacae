import type { Source } from './snapshot.ts';

type Closable = { close(): Promise<void> };

/**
 * Opens when first used. `keeps`: it finds its way back by itself after an outage; else a failure closes it, and the next
 * use opens it anew.
 */
export function sourceOf<T extends Closable>(open: () => Promise<T>, { keeps }: { readonly keeps: boolean }): Source<T> {
  let opening: Promise<T> | undefined;
  const close = async (): Promise<void> => {
    const before = opening;
    opening = undefined;
    // One that could not be opened has nothing to close, and what fails to close was broken before.
    await before?.then(async (opened) => await opened.close()).catch(() => undefined);
  };
  return {
    async use(work) {
      const current = (opening ??= open());
      try {
        const opened = await current;
        return await work(opened);
      } catch (error) {
        if (!keeps || (await isBroken(current))) void close();
        throw error;
      }
    },
    close,
  };
}

async function isBroken(opening: Promise<unknown>): Promise<boolean> {
  return await opening.then(
    () => false,
    () => true,
  );
}
