import { Html } from './html.ts';

/** Light and dark by what the reader's system says. */
export const STYLE = new Html(`<style>
:root{color-scheme:light dark;--text:#1b1b1b;--page:#fff;--line:#ddd;--quiet:#767676;
--loss:#b3412f;--mixtures:#8a8a8a;--clips:#1f6f8b;--windows:#3d8450;--right:31,111,139;--wrong:179,65,47}
@media (prefers-color-scheme:dark){:root{--text:#e4e4e4;--page:#161616;--line:#3a3a3a;--quiet:#9a9a9a;
--loss:#e2745f;--mixtures:#9a9a9a;--clips:#62b6d4;--windows:#7fc492;--right:98,182,212;--wrong:226,116,95}}
body{font:15px/1.5 system-ui,sans-serif;max-width:760px;margin:2em auto;padding:0 1em;color:var(--text);background:var(--page)}
table{border-collapse:collapse;margin:.5em 0}th{text-align:left;font-weight:600;vertical-align:top}
th,td{padding:.15em .7em .15em 0}td{text-align:right;font-variant-numeric:tabular-nums}
.facts td,td.text{text-align:left;overflow-wrap:anywhere}thead th{border-bottom:1px solid var(--line)}
td+td,th+td{padding-left:.4em}caption{text-align:left;color:var(--quiet)}
.figure{font-size:1.5em;margin:.3em 0}.quiet{color:var(--quiet)}
.wide{overflow-x:auto}.confusion td{text-align:center;min-width:1.8em;padding:.15em}
.confusion .right{background:rgba(var(--right),calc(var(--share)*.6))}
.confusion .wrong{background:rgba(var(--wrong),calc(var(--share)*.6))}
.turned{vertical-align:bottom;padding:.2em}.turned span{writing-mode:vertical-rl;transform:rotate(180deg)}
svg{width:100%}svg text{font:12px system-ui,sans-serif;fill:var(--text)}
svg .grid{stroke:var(--line)}polyline{fill:none;stroke-width:1.5}
polyline.loss{stroke:var(--loss)}polyline.mixtures{stroke:var(--mixtures)}
polyline.clips{stroke:var(--clips)}polyline.windows{stroke:var(--windows)}
circle.loss,text.loss{fill:var(--loss)}circle.mixtures,text.mixtures{fill:var(--mixtures)}
circle.clips,text.clips{fill:var(--clips)}circle.windows,text.windows{fill:var(--windows)}
</style>`);
