/** What draws this page: the name of its graphics card or of the software in its place, "none" without WebGL. */
export function renderer(): string {
  const gl = document.createElement('canvas').getContext('webgl');
  if (!gl) return 'none';
  const unmasked = gl.getExtension('WEBGL_debug_renderer_info');
  const name: unknown = gl.getParameter(unmasked ? unmasked.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  // A browser has only so many contexts, and this one has told all it knows.
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return typeof name === 'string' && name !== '' ? name : 'none';
}
