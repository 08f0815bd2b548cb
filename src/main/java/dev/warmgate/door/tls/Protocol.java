package dev.warmgate.door.tls;

import io.netty.handler.ssl.ApplicationProtocolNames;
import java.util.List;

/** What a door speaks inside TLS, which clients choose from (ALPN, RFC 7301). */
public enum Protocol {
    /** HTTP/2 before HTTP/1.1. */
    HTTP,
    /** gRPC, which is HTTP/2 only. */
    GRPC;

    List<String> names() {
        return switch (this) {
            case HTTP -> List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1);
            case GRPC -> List.of(ApplicationProtocolNames.HTTP_2);
        };
    }
}
