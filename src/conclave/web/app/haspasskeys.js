/** Whether this browser has passkeys at all; only where pages come by https, or of this machine. */
export const hasPasskeys = () => globalThis.PublicKeyCredential !== undefined && isSecureContext;
