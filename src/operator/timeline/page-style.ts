/** One style for screen, phone, dark rooms and paper. No font, image or anything else is fetched. */
export const PAGE_STYLE = `
:root{--ink:#1c2330;--soft:#5d6779;--line:#dfe3ea;--paper:#fff;--ground:#f4f6f9;--good:#1b7f4b;--bad:#b3261e;--doubt:#9a6700;--person:#6b3fa0;--read:#1f5fbf;--wait:#8a94a6}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#9aa4b5;--line:#323a48;--paper:#1b212b;--ground:#12161d;--good:#5fd39a;--bad:#ff8a80;--doubt:#f0c05a;--person:#c9a6f5;--read:#86b6ff;--wait:#7d8798}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 3rem}
h1{font-size:1.05rem;font-weight:500;margin:0;color:var(--soft)}
h2{font-size:.8rem;letter-spacing:.07em;text-transform:uppercase;color:var(--soft);margin:2.25rem 0 .75rem}
code{font:.9em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.card{background:var(--paper);border:1px solid var(--line);border-radius:.6rem;padding:1.25rem 1.5rem;overflow-wrap:anywhere}
.verdict{border-left:.4rem solid var(--wait)}
.verdict strong{display:block;font-size:1.9rem;line-height:1.2;letter-spacing:-.01em}
.verdict p{margin:.5rem 0 0}.verdict .small{color:var(--soft);font-size:.9rem}
.verdict.good{border-left-color:var(--good)}.verdict.good strong{color:var(--good)}
.verdict.bad{border-left-color:var(--bad)}.verdict.bad strong{color:var(--bad)}
.verdict.doubt{border-left-color:var(--doubt)}.verdict.doubt strong{color:var(--doubt)}
header{margin-bottom:1.25rem}
header code{display:block;font-size:1.15rem;color:var(--ink);font-weight:600}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:.9rem 2rem;margin:0}
dt{color:var(--soft);font-size:.8rem}dd{margin:0}
svg{display:block;width:100%;height:auto;margin-top:1.1rem}
svg text{fill:var(--soft);font-size:11px;font-family:inherit}
.axis{stroke:var(--line);stroke-width:6;stroke-linecap:round}.past{stroke:var(--wait);stroke-width:6;stroke-linecap:round}
.mark{stroke:var(--paper);stroke-width:2}
.m-read{fill:var(--read)}.m-doubt{fill:var(--doubt)}.m-person{fill:var(--person)}.m-good{fill:var(--good)}.m-bad{fill:var(--bad)}.m-plain{fill:var(--soft)}.m-wait{fill:var(--wait)}
ol{list-style:none;margin:0;padding:0}
ol li{display:grid;grid-template-columns:10.5rem 1.6rem 1fr;position:relative;padding-bottom:1.1rem}
ol li:last-child{padding-bottom:0}
ol li::before{content:"";position:absolute;left:11.05rem;top:1rem;bottom:-.4rem;width:2px;background:var(--line)}
ol li:last-child::before{display:none}
time{color:var(--soft);font-size:.85rem;font-variant-numeric:tabular-nums;padding-top:.1rem}
time span{display:block;font-size:.78rem}
.dot{width:.8rem;height:.8rem;border-radius:50%;background:var(--soft);margin:.36rem 0 0 .18rem;position:relative;border:2px solid var(--paper)}
.read .dot{background:var(--read)}.doubt .dot{background:var(--doubt)}.person .dot{background:var(--person)}.good .dot{background:var(--good)}.bad .dot{background:var(--bad)}.wait .dot{background:var(--wait);transform:scale(.7)}
.what{font-weight:600;overflow-wrap:anywhere}.wait .what{font-weight:400;color:var(--soft)}
.good .what{color:var(--good)}.bad .what{color:var(--bad)}
.more{color:var(--soft);font-size:.9rem;overflow-wrap:anywhere}
.run{display:inline-block;min-width:1.35rem;text-align:center;font-size:.75rem;font-weight:600;color:var(--soft);border:1px solid var(--line);border-radius:.3rem;margin-right:.4rem}
ul{margin:0;padding-left:1.2rem}ul.plain{list-style:none;padding:0}li+li{margin-top:.25rem}ol li+li{margin-top:0}
a{color:var(--read)}
footer{margin-top:2rem;color:var(--soft);font-size:.8rem}
@media (max-width:40rem){svg text{font-size:20px}main{padding:1.25rem .9rem 2rem}.card{padding:1rem}ol li{grid-template-columns:1.5rem 1fr}ol li::before{left:.55rem}time{grid-column:2;order:-1;padding:0}time span{display:inline;margin-left:.5rem}.dot{grid-row:1/3;grid-column:1}.body{grid-column:2}}
@media print{:root{--ink:#000;--soft:#444;--line:#bbb;--paper:#fff;--ground:#fff;--good:#0b5;--bad:#a00;--doubt:#850;--person:#428;--read:#036;--wait:#777}body{font-size:11pt}main{max-width:none;padding:0}.card{border-color:#bbb}ol li,.card{break-inside:avoid}ol.card,section.card{break-inside:auto}a{color:inherit}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
`;
