/** True where scripts build before they test: then `dist/` holds these very sources. */
export const isBuilt = process.env['VERDICTFLOW_BUILT'] === 'true';
