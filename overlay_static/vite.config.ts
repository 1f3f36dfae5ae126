import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// Chromium 103 is the oldest browser inside a supported OBS (29.1 to 30.2).
const OLDEST = 'chrome103';

const ENTRIES = {
  overlay: 'src/overlay/main.ts',
  dashboard: 'src/dashboard/main.ts',
  operators: 'src/operators/main.ts',
  sheet: 'src/avatars/sheet.ts',
};

/** In place of the Alpine that django-unfold brings: its build that evaluates no text, so that the pages' policy may be strict. */
const alpine: Plugin = {
  name: 'alpine',
  apply: 'build',
  generateBundle() {
    const source = readFileSync('node_modules/@alpinejs/csp/dist/cdn.min.js');
    this.emitFile({ type: 'asset', fileName: 'unfold/js/alpine/alpine.js', source });
  },
};

/** A packed copy beside each script and style: WhiteNoise sends it to browsers that take it, and packs nothing itself. */
const packed: Plugin = {
  name: 'packed',
  apply: 'build',
  writeBundle({ dir }, bundle) {
    for (const name of Object.keys(bundle).filter((each) => /\.(js|css)$/.test(each))) {
      const file = join(dir ?? '', name);
      writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: constants.Z_BEST_COMPRESSION }));
    }
  },
};

export default defineConfig({
  base: '/static/',
  plugins: [alpine, packed],
  publicDir: false,
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: true,
    target: OLDEST,
    cssTarget: OLDEST,
    // The worklet and everything else keep their own address: the pages' CSP allows no data: scripts.
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: Object.fromEntries(Object.entries(ENTRIES).filter(([, path]) => existsSync(path))),
    },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
