export const STYLE = `
:root { color-scheme: light dark; --line: #8883; --soft: #8881; --ink: #0b57d0; }
@media (prefers-color-scheme: dark) { :root { --ink: #8ab4f8; } }
* { box-sizing: border-box; }
body { margin: 0; display: grid; grid-template-columns: 21rem minmax(0, 1fr); font: 15px/1.5 system-ui, sans-serif; }
a { color: inherit; text-decoration: none; }
a:hover { text-decoration: underline; }
main p a, td a { color: var(--ink); }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; border-right: 1px solid var(--line); font-size: 13px; }
nav h1 { font-size: 1.2rem; margin: 0; }
nav small { font-weight: normal; opacity: .7; }
nav h2 { font-size: .8rem; text-transform: uppercase; letter-spacing: .05em; margin: 1.2rem 0 .3rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li { margin: .2rem 0; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
main { padding: 1rem 2rem 6rem; max-width: 62rem; }
section.tag { margin-top: 2.5rem; }
section.tag > h2 { font-size: 1.5rem; text-transform: capitalize; margin-bottom: 0; }
article { border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1.2rem; margin: 1rem 0; scroll-margin-top: 1rem; }
article:target { border-color: var(--ink); }
h3 { font: 600 1rem/1.4 ui-monospace, monospace; margin: 0; overflow-wrap: anywhere; }
h4 { font-size: .8rem; text-transform: uppercase; letter-spacing: .05em; margin: 1rem 0 .2rem; }
p { margin: .4rem 0; }
.access { opacity: .7; }
.get, .post, .put, .patch, .delete { display: inline-block; min-width: 3.6em; text-transform: uppercase; font-size: .75em; color: #1a7f37; }
.post { color: #0b57d0; } .put, .patch { color: #9a6700; } .delete { color: #cf222e; }
@media (prefers-color-scheme: dark) { .get { color: #57d97a; } .post { color: #8ab4f8; } .put, .patch { color: #e3b341; } .delete { color: #ff7b72; } }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
code { background: var(--soft); border-radius: .25rem; padding: 0 .25em; }
pre { background: var(--soft); border-radius: .4rem; padding: .6rem .8rem; overflow: auto; max-height: 24rem; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
th { width: 12rem; font-weight: normal; } td:nth-child(2) { width: 16rem; }
td table th, td table td:nth-child(2) { width: auto; }
th i { font-size: 12px; opacity: .7; }
details { margin: .3rem 0; }
summary { cursor: pointer; }
.status-2 { color: #1a7f37; } .status-4 { color: #9a6700; } .status-5 { color: #cf222e; }
@media (max-width: 56rem) { body { display: block; } nav { position: static; height: auto; max-height: 40vh; border-right: 0; border-bottom: 1px solid var(--line); } main { padding: 1rem; } th, td, td:nth-child(2) { display: block; width: auto; border-top: 0; padding: 0; } tr { display: block; border-top: 1px solid var(--line); padding: .3rem 0; } }
`
