package dev.warmgate.engine;

import java.io.IOException;

/** The connection ended before a question was looked at: it may be asked again, on another one. */
final class Unheard extends IOException {
    Unheard(String why) {
        super(why);
    }
}
