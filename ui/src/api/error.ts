// What went wrong with a request, in words that can be shown. status 0 = the server was not reached.
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId = '',
    /** Seconds to wait before trying again; 0 when the server did not say. */
    readonly retryAfter = 0,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

export async function errorOf(response: Response): Promise<ApiError> {
  let code = 'http';
  let message = `The server answered ${response.status}.`;
  try {
    const { error, errorType } = (await response.json()) as {
      error?: { code?: string; message?: string } | string;
      errorType?: string;
    };
    // The Prometheus door says its errors as Prometheus does.
    code = (typeof error === 'string' ? errorType : error?.code) ?? code;
    message = (typeof error === 'string' ? error : error?.message) ?? message;
  } catch {
    // A proxy in between may answer HTML; the status line is then all there is to say.
  }
  return new ApiError(
    response.status,
    code,
    message,
    response.headers.get('x-request-id') ?? '',
    Number(response.headers.get('retry-after')) || 0,
  );
}

export function unreachable(cause: unknown): ApiError {
  return new ApiError(0, 'unreachable', cause instanceof Error ? cause.message : String(cause));
}
