package dev.warmgate.router.tenancy;

/** Tells what signed tokens of callers say. Any thread; never blocks. */
public interface TokenVerifier {
    /**
     * Returns what a token says, or why it says nothing.
     *
     * @param token what a caller presents, of whatever form
     */
    TokenResult verify(String token);
}
