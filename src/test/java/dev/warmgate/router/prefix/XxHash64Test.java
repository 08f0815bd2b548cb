package dev.warmgate.router.prefix;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class XxHash64Test {
    /** The seed and generator of xxHash's own self test. */
    private static final long PRIME = 2654435761L;

    @Test
    void hashesShortTextsAsPublished() {
        assertThat(hash("", 0)).isEqualTo(0xEF46DB3751D8E999L);
        assertThat(hash("a", 0)).isEqualTo(0xD24EC4F1A98C6E5BL);
        assertThat(hash("abc", 0)).isEqualTo(0x44BC2CF5AD770999L);
    }

    @ParameterizedTest
    @CsvSource({
        "0, false, ef46db3751d8e999",
        "0, true, ac75fda2929b17ef",
        "1, false, 4fce394cc88952d8",
        "1, true, 739840cb819fa723",
        "14, false, cffa8db881bc3a3d",
        "14, true, 5b9611585efcc9cb",
        "101, false, 0eab543384f878ad",
        "101, true, caa65939306f1e21"
    })
    void hashesTheSelfTestsBufferAsPublished(int length, boolean seeded, String expected) {
        var buffer = new byte[length + 3];
        int generator = (int) PRIME;
        for (int i = 0; i < length; i++) {
            buffer[i + 3] = (byte) (generator >>> 24);
            generator *= generator;
        }
        assertThat(Long.toHexString(XxHash64.hash(buffer, 3, length, seeded ? PRIME : 0)))
                .isEqualTo(Long.toHexString(Long.parseUnsignedLong(expected, 16)));
    }

    private static long hash(String text, long seed) {
        byte[] bytes = text.getBytes(US_ASCII);
        return XxHash64.hash(bytes, 0, bytes.length, seed);
    }
}
