import { defined } from '../../domain/defined.ts';
import { judgeClock } from '../../operator/doctor/clocks.ts';
import type { Check } from '../../operator/doctor/examine.ts';
import { CannotTell, skipped } from '../../operator/doctor/findings.ts';
import { reachVendor } from '../../operator/doctor/reach-vendor.ts';
import { judgeKey } from '../../operator/doctor/vendor.ts';
import { type Examination, once } from './examination.ts';

/** One request to the vendor, from which two checks take what they need. */
export function vendorChecks({ config, role, sights: { vendor }, now }: Examination): readonly Check[] {
  const { baseUrl, proxy } = config.faceId;
  const asks = role === 'all' || role === 'worker';
  const asked = once(async () => {
    if (!asks) throw new CannotTell(`role ${role} does not ask the vendor`);
    if (vendor === undefined) throw new CannotTell('VF_FACEID_API_KEY and VF_FACEID_API_SECRET are not set here');
    return await vendor.ask();
  });
  const through = proxy && { setting: proxy.setting, origin: proxy.origin, ...defined({ authorization: proxy.authorization?.reveal() }) };
  return [
    {
      id: 'vendor-address',
      look: async () => [
        asks ? await reachVendor({ baseUrl, ...defined({ proxy: through }) }, now()) : skipped(`role ${role} does not ask the vendor`),
      ],
    },
    { id: 'vendor-key', look: async () => [judgeKey((await asked()).report)] },
    {
      id: 'vendor-clock',
      look: async () => {
        const { clock } = await asked();
        return [
          clock === undefined ? skipped('no answer that says what time it is: see vendor-key') : judgeClock("the vendor's clock", clock),
        ];
      },
    },
  ];
}
