package dev.warmgate.proxy.front;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class ClientsTest {
    private final Clients clients = new Clients();

    private Clients.Client hold(String address) throws UnknownHostException {
        return clients.hold(InetAddress.ofLiteral(address));
    }

    @Test
    void aClientIsAnAddressOrTheFirst64BitsOfOne() throws UnknownHostException {
        assertThat(hold("192.0.2.1")).isSameAs(hold("192.0.2.1")).isNotSameAs(hold("192.0.2.2"));
        assertThat(hold("2001:db8:1:2::3"))
                .isSameAs(hold("2001:db8:1:2:ffff::4"))
                .isNotSameAs(hold("2001:db8:1:3::3"));
        assertThat(clients.known()).isEqualTo(4);
    }

    @Test
    void nothingIsKeptOfAClientThatLeft() throws UnknownHostException {
        var client = hold("192.0.2.1");
        assertThat(hold("192.0.2.1")).isSameAs(client);
        clients.letGo(client);
        assertThat(clients.known()).isEqualTo(1);
        clients.letGo(client);
        assertThat(clients.known()).isZero();
    }

    @Test
    void aRefusedRequestTakesNoPlace() throws UnknownHostException {
        var client = hold("192.0.2.1");
        assertThat(client.begin(1)).isTrue();
        assertThat(client.begin(1)).isFalse();
        client.end();
        assertThat(client.begin(1)).isTrue();
    }
}
