import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

// What a browser must fetch before it can paint. ui.md section 10 sets the limit.
const INITIAL_LIMIT_GZ = 70_000;
// Of these one is fetched; the largest counts.
const LANGUAGES = ['en', 'es'];

/** Lays a .gz beside each built file (the server sends it and compresses nothing itself) and holds the budget. It
 *  reads what is on disk: until then other plugins still change the code. */
function gzipAndBudget(): Plugin {
  return {
    name: 'gzip-and-budget',
    writeBundle(options, bundle) {
      const sizes = new Map<string, number>();
      for (const name of Object.keys(bundle)) {
        const path = join(options.dir!, name);
        const gz = gzipSync(readFileSync(path), { level: 9 });
        writeFileSync(`${path}.gz`, gz);
        sizes.set(name, gz.length);
      }
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
      const size = [...initial].reduce((sum, name) => sum + sizes.get(name)!, 0);
      const line = `initial JS + CSS: ${size} bytes gz of ${INITIAL_LIMIT_GZ} allowed (${initial.size} files)`;
      if (size > INITIAL_LIMIT_GZ) this.error(line);
      console.log(`\n${line}`);
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
