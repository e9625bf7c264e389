// Bundles the page of the HTML report and writes it as C++ source:  node build.mjs OUTPUT.cpp
// The program then needs neither node nor a network to write a report, and the report opens offline.
import { build } from 'esbuild';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const output = process.argv[2];
if (!output) throw new Error('usage: node build.mjs OUTPUT.cpp');

const read = (path) => readFileSync(join(here, path), 'utf8');

/** Licences of what is bundled; the page carries them. */
function notices() {
  const version = JSON.parse(read('node_modules/echarts/package.json')).version;
  return [`Apache ECharts ${version}, Apache-2.0 (https://www.apache.org/licenses/LICENSE-2.0)`,
    read('node_modules/echarts/NOTICE'), 'ZRender, BSD-3-Clause', read('node_modules/zrender/LICENSE'),
    'tslib, 0BSD'].join('\n').replaceAll('*/', '* /');
}

const bundle = async (entry) => {
  const result = await build({
    entryPoints: [join(here, entry)], bundle: true, minify: true, write: false, format: 'iife',
    target: 'es2020', charset: 'ascii', legalComments: 'none', define: { 'process.env.NODE_ENV': '"production"' },
  });
  return result.outputFiles[0].text;
};

/** A C++ array of raw string literals: compilers limit the length of one. */
function literal(name, text) {
  const piece = 8192;
  const parts = [];
  for (let i = 0; i < text.length; i += piece) parts.push(`R"__PAGE__(${text.slice(i, i + piece)})__PAGE__"`);
  return `const std::string_view ${name} =\n${parts.join('\n')};\n`;
}

// Inside an HTML script element nothing may look like its end.
const embedded = (text) => text.replaceAll('</script', '<\\/script');
const script = embedded(`/*\n${notices()}\n*/\n${await bundle('src/main.js')}`);
const studyScript = embedded(await bundle('src/study/page.js'));  // draws its charts itself
const style = await bundle('src/page.css');
if (`${script}${studyScript}${style}`.includes(')__PAGE__"')) throw new Error('the page contains the delimiter of its C++ literals');
writeFileSync(output, `// Written by report/html/build.mjs from report/html/src; not to be edited.
#include "report/page.h"

namespace rebasis::report {
${literal('page_script', script)}
${literal('study_script', studyScript)}
${literal('page_style', style)}
}  // namespace rebasis::report
`);
