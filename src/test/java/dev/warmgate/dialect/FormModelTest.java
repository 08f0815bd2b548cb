package dev.warmgate.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormModelTest {
    private static final String TYPE = "multipart/form-data; boundary=XyZ";
    private static final String FILE =
            "--XyZ|Content-Disposition: form-data; name=\"file\"; filename=\"a; name=model.wav\"|"
                    + "Content-Type: audio/wav||RIFF|--XyYZ||\u0000--XyZ-|--Xy|";
    private static final String MODEL = "--XyZ|Content-Disposition: form-data; name=\"model\"||whisper|";
    private static final String OTHER = "--XyZ|content-disposition:form-data;name=language||de|";

    private static byte[] bytes(String form) {
        return form.replace("|", "\r\n").getBytes(UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                MODEL + FILE + "--XyZ--|",
                FILE + MODEL + "--XyZ--|",
                OTHER + FILE + MODEL + OTHER,
                "|" + MODEL + "--XyZ",
                "preamble|" + OTHER + MODEL + "--XyZ--",
                "--XyZ|Content-Disposition: form-data; x=y; NAME=model||whisper|--XyZ--|",
                "--XyZ  |X: y|Content-Disposition: form-data; name=\"model\"|Content-Type: text/plain|| whisper |--XyZ",
            })
    void isFoundAtTheSameByteHoweverTheFormComes(String form) {
        byte[] body = bytes(form);
        int found = foundAfter(body, 1);
        assertThat(found).isPositive();
        for (int step = 2; step < body.length; step++) {
            assertThat(foundAfter(body, step)).isBetween(found, found + step - 1);
        }
    }

    private static int foundAfter(byte[] body, int step) {
        byte[] padded = new byte[body.length + 7];
        System.arraycopy(body, 0, padded, 7, body.length);
        var form = FormModel.of(TYPE);
        assertThat(form).isNotNull();
        for (int length = 0; length <= body.length + step; length += step) {
            int come = Math.min(length, body.length);
            if (form.find(padded, 7, come)) {
                assertThat(form.model()).isEqualTo("whisper");
                return come;
            }
            assertThat(form.model()).isNull();
        }
        return -1;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                FILE + "--XyZ--|",
                OTHER + "--XyZ--",
                "--XyZ--",
                "--XyZ|Content-Disposition: form-data; name=\"model\"|--XyZ--|",
                "--XyZ|Content-Disposition: form-data; name=\"models\"||x|--XyZ--|",
                "--XyZ||name=\"model\"|--XyZ--|"
            })
    void aFormThatEndsWithoutIsKnownToHaveNone(String form) {
        byte[] body = bytes(form);
        var search = FormModel.of(TYPE);
        assertThat(search).isNotNull();
        assertThat(search.find(body, 0, body.length)).isTrue();
        assertThat(search.model()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "garbage without an end",
                "--XyZ",
                FILE,
                "--XyZ|Content-Disposition: form-data; name=\"model\"||whisper|--Xy"
            })
    void moreMayCome(String form) {
        var search = FormModel.of(TYPE);
        assertThat(search).isNotNull();
        assertThat(search.find(bytes(form), 0, bytes(form).length)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "multipart/form-data; boundary=a | true",
                "Multipart/Form-Data; charset=x; boundary=\"a b\" | true",
                "multipart/form-data | false",
                "multipart/form-data; boundary= | false",
                "multipart/mixed; boundary=a | false",
                "application/json | false"
            })
    void onlyAFormHasFields(@Nullable String type, boolean form) {
        assertThat(FormModel.of(type) != null).isEqualTo(form);
    }

    @Test
    void noTypeIsNoForm() {
        assertThat(FormModel.of(null)).isNull();
        assertThat(FormModel.of("multipart/form-data; boundary=" + "x".repeat(71)))
                .isNull();
    }
}
