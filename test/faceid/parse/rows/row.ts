/** One case of the parsing rules; `row n` names the row of the table in docs/vendor.md. `undefined` demands an absent field. */
export type Row = {
  readonly row: string;
  readonly body: object | string;
  readonly expected: object;
  /** All quirks of the answer; unchecked if left out. */
  readonly quirks?: string[];
  readonly bizNo?: string;
};
