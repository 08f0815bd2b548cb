package dev.warmgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.util.NetUtil;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HopsTest {
    private static final List<Subnet> TRUSTED = List.of(
            Objects.requireNonNull(Subnet.parse("10.0.0.0/8")), Objects.requireNonNull(Subnet.parse("fd00::/8")));

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    x-forwarded-for | 192.0.2.1                                | 192.0.2.1
                    x-forwarded-for | 198.51.100.7, 192.0.2.1                  | 192.0.2.1
                    x-forwarded-for | 198.51.100.7, 192.0.2.1, 10.1.2.3        | 192.0.2.1
                    x-forwarded-for | 192.0.2.1:4711,10.1.2.3                  | 192.0.2.1
                    x-forwarded-for | 2001:db8::1, fd00::5                     | 2001:db8::1
                    x-forwarded-for | [2001:db8::1]:80                         | 2001:db8::1
                    x-forwarded-for | 10.0.0.1, 10.0.0.2                       | 10.0.0.1
                    x-forwarded-for | 192.0.2.1, unknown, 10.0.0.2             | 10.0.0.2
                    x-forwarded-for | unknown                                  |
                    x-forwarded-for | ,                                        |
                    forwarded       | for=192.0.2.1;proto=https                | 192.0.2.1
                    forwarded       | for=x, proto=http;For="[2001:db8::1]:80" | 2001:db8::1
                    forwarded       | for=192.0.2.1, for=10.0.0.1              | 192.0.2.1
                    forwarded       | proto=https                              |
                    x-real-ip       | 192.0.2.1                                |
                    """)
    void theLastHopThatIsNotTrustedIsTheClient(String name, String value, @Nullable String client) {
        var found = Hops.client(new DefaultHttpHeaders().add(name, value), TRUSTED);
        assertThat(found).isEqualTo(client == null ? null : NetUtil.createInetAddressFromIpAddressString(client));
    }
}
