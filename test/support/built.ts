/** True where scripts build before they test: then `dist/` holds these very sources. */
export const isBuilt = process.env['VERDICTFLOW_BUILT'] === 'true';

/** True where nobody asked for some tests only: then all that any of them needs may be made ready at once. */
export const isWholeRun = process.env['VERDICTFLOW_WHOLE'] === 'true';
