import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import zopfli from '@gfx/zopfli';
import type { GetManualChunk } from 'rollup';
import { defineConfig, type Plugin } from 'vite';

// ui.md section 10 sets the limits, in bytes as the server sends them: what a browser must fetch before it can paint, a
// file that it fetches later, and all there is.
const INITIAL_LIMIT_GZ = 70_000;
const LAZY_LIMIT_GZ = 25_000;
const TOTAL_LIMIT_GZ = 180_000;
// Of these one is fetched; the largest counts.
const LANGUAGES = ['en', 'es'];

/** Which file a module goes into. What the first page needs stays with it, and words are by themselves. Of the rest each
 *  folder of pages or of parts is one file, and what they share another: few files compress better than many. What the frame
 *  fetches on every page is such a folder, so that it does not bring along what pages share. */
const chunkOf: GetManualChunk = (id, { getModuleIds, getModuleInfo }) => {
  const first = new Set<string>();
  const visit = (one: string) => {
    if (first.has(one)) return;
    first.add(one);
    getModuleInfo(one)?.importedIds.forEach(visit);
  };
  for (const one of getModuleIds()) if (getModuleInfo(one)?.isEntry) visit(one);
  if (first.has(id) || /\/text\/(\w+_)?e[ns]\.ts$/.test(id)) return undefined;
  return /\/src\/(?:pages\/|parts\/|(?=sample))(\w+)\//.exec(id)?.[1] ?? 'shared';
};

/** Lays a .gz beside each built file (the server sends it and compresses nothing itself) and holds the budget. It
 *  reads what is on disk: until then other plugins still change the code. */
function gzipAndBudget(): Plugin {
  return {
    name: 'gzip-and-budget',
    async writeBundle(options, bundle) {
      const sizes = new Map<string, number>();
      for (const name of Object.keys(bundle)) {
        const path = join(options.dir!, name);
        const gz = await zopfli.gzipAsync(readFileSync(path), {});
        writeFileSync(`${path}.gz`, gz);
        sizes.set(name, gz.length);
      }
      const sum = (names: Iterable<string>) =>
        [...names].reduce((bytes, name) => bytes + sizes.get(name)!, 0);
      const initial = new Set<string>();
      const visit = (name: string) => {
        const chunk = bundle[name];
        if (!chunk || initial.has(name)) return;
        initial.add(name);
        if (chunk.type !== 'chunk') return;
        chunk.imports.forEach(visit);
        chunk.viteMetadata?.importedCss.forEach(visit);
      };
      for (const chunk of Object.values(bundle))
        if (chunk.type === 'chunk' && chunk.isEntry) visit(chunk.fileName);
      const languages = Object.values(bundle).filter(
        (one) => one.type === 'chunk' && LANGUAGES.includes(one.name),
      );
      const largest = languages.reduce((one, other) =>
        sizes.get(one.fileName)! > sizes.get(other.fileName)! ? one : other,
      );
      visit(largest.fileName);
      const lazy = [...sizes.keys()].filter((name) => !initial.has(name));
      const heaviest = lazy.reduce((one, other) => (sizes.get(one)! > sizes.get(other)! ? one : other));
      const budget: [what: string, size: number, limit: number][] = [
        ['first load, JS + CSS', sum(initial), INITIAL_LIMIT_GZ],
        [`largest later file, ${heaviest}`, sizes.get(heaviest)!, LAZY_LIMIT_GZ],
        ['everything', sum(sizes.keys()), TOTAL_LIMIT_GZ],
      ];
      for (const [what, size, limit] of budget) {
        const line = `${what}: ${size} bytes gz of ${limit} allowed`;
        if (size > limit) this.error(line);
        console.log(line);
      }
    },
  };
}
export default defineConfig({
  plugins: [gzipAndBudget()],
  build: {
    target: 'es2022',
    // The server's CSP allows no data: URL and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    // Three hundredths smaller than what esbuild makes.
    minify: 'terser',
    terserOptions: { ecma: 2020, module: true, compress: { passes: 3 } },
    // The budget has the sizes as they are sent.
    reportCompressedSize: false,
    rollupOptions: { output: { manualChunks: chunkOf, onlyExplicitManualChunks: true } },
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/prometheus', '/alerta', '/gnocchi'].map((door) => [
        door,
        { target: process.env.APOLLO_API ?? 'http://127.0.0.1:8420' },
      ]),
    ),
  },
  test: { include: ['src/**/*.test.ts'] },
} as Parameters<typeof defineConfig>[0]);
