/** The emulated vendor account: invented, and worth nothing outside the bench. */
export const VENDOR_KEY = 'bench-key';
export const VENDOR_SECRET = 'bench-secret';
