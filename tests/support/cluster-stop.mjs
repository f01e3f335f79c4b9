/** After the last test. */
export default async function stopCluster() {
  await globalThis.stopTestCluster?.();
}
