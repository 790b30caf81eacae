import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createByteRoom } from '../../src/async/byte-room.ts';

const later = (): number => Date.now() + 60_000;

describe('room for bytes', () => {
  it('never holds more than it has, and lets everybody in who fits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 100 }), { maxLength: 40 }), fc.scheduler(), async (sizes, scheduler) => {
        const room = createByteRoom(100);
        let most = 0;
        const held = sizes.map(async (size) => {
          const leave = await room.take(size, later());
          most = Math.max(most, room.taken());
          await scheduler.schedule(Promise.resolve());
          leave?.();
          // Twice is once.
          leave?.();
          return leave !== undefined;
        });
        await scheduler.waitFor(Promise.all(held));
        expect((await Promise.all(held)).every(Boolean)).toBe(true);
        expect([most <= 100, room.taken()]).toEqual([true, 0]);
      }),
    );
  });

  it('serves in order of arrival, so that nothing large is overtaken for ever', async () => {
    const room = createByteRoom(10);
    const order: string[] = [];
    const leave = await room.take(8, later());
    const large = room.take(9, later()).then((leaveLarge) => {
      order.push('large');
      leaveLarge?.();
    });
    const small = room.take(1, later()).then(() => order.push('small'));
    leave?.();
    await Promise.all([large, small]);
    expect(order).toEqual(['large', 'small']);
  });

  it('has none for what is larger than all of it, and says so at once', async () => {
    expect(await createByteRoom(10).take(11, later())).toBeUndefined();
  });

  it('sends away who waited until his time, and lets in who waited behind him', async () => {
    const room = createByteRoom(10);
    await room.take(8, later());
    const large = room.take(9, Date.now() + 20);
    const small = room.take(2, later());
    expect(await large).toBeUndefined();
    expect(await small).toBeDefined();
    expect(room.taken()).toBe(10);
  });
});
