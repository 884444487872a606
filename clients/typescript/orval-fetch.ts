// Orval's functions call this: fetch at the address that the options name.
export async function call<T>(path: string, options: RequestInit & { address?: string }): Promise<T> {
  const { address, ...rest } = options;
  const response = await fetch(`${address}${path}`, rest);
  const text = await response.text();
  return { status: response.status, data: text && JSON.parse(text), headers: response.headers } as T;
}

export default call;
