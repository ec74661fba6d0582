// A picture of one page of a running server, as WebP: node e2e/picture.mjs PATH FILE, with APOLLO_URL, APOLLO_USER and
// APOLLO_PASSWORD (harness.mjs). 1280x800: what is seen without scrolling or a click.
import { writeFileSync } from 'node:fs';
import { enter } from './harness.mjs';

const [path, file] = process.argv.slice(2);
if (!file) throw new Error('usage: node e2e/picture.mjs PATH FILE');
const { world, context, page } = await enter();
await page.goto(world.url + path);
await page.waitForSelector('.page h1');
await page.waitForLoadState('networkidle', { timeout: 5000 }).catch(() => undefined); // the live stream stays open
await page.waitForTimeout(1500); // charts draw
const png = (await page.screenshot()).toString('base64');
// The page's own policy forbids what a blank one may do.
const studio = await context.newPage();
const webp = await studio.evaluate(async (source) => {
  const image = new Image();
  image.src = `data:image/png;base64,${source}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width, image.height];
  canvas.getContext('2d').drawImage(image, 0, 0);
  return canvas.toDataURL('image/webp', 0.82);
}, png);
writeFileSync(file, Buffer.from(webp.split(',')[1], 'base64'));
await world.close();
