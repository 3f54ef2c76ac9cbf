/** A URL as it may be shown: without what may be secret, its user, password, query and fragment. */
export function publicUrl({ origin, pathname }: URL): string {
  return origin + pathname
}

/** The header for the user and the password that a URL has; none where it has neither. */
export function basicAuth({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { authorization: `Basic ${Buffer.from(plain).toString('base64')}` }
}
