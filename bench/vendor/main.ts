import { startEmulator } from '../../src/emulator/server.ts';
import { VENDOR_KEY, VENDOR_SECRET } from './account.ts';

/** The vendor in a process of its own, so that its CPU is on nobody's bill. Argument: the file for its log of reads. */
async function main(logPath: string): Promise<void> {
  const emulator = await startEmulator({
    port: 0,
    logPath,
    maxCalls: 3,
    windowMs: 86_400_000,
    countMode: 'all',
    windowStart: 'issue',
    apiKey: VENDOR_KEY,
    apiSecret: VENDOR_SECRET,
  });
  process.once('SIGTERM', () => void emulator.close().then(() => process.exit(0)));
  process.stdout.write(`${JSON.stringify({ event: 'ready', url: emulator.baseUrl })}\n`);
}

const logPath = process.argv[2];
if (logPath === undefined) throw new Error('usage: bench/vendor/main.ts <log file>');
await main(logPath);
