package dev.warmgate.proxy.wire.head;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.Locale;

/** What a decoder makes of bytes, in words; content without where it was cut. */
final class Transcript {
    private Transcript() {}

    /** Returns what is made of a text that comes in pieces, each of which ends before one of the indices, and then ends. */
    static String of(ChannelInboundHandler decoder, String text, int... cuts) {
        var channel = new EmbeddedChannel(decoder);
        var words = new StringBuilder();
        int from = 0;
        for (int cut : cuts) {
            channel.writeInbound(Unpooled.copiedBuffer(text.substring(from, cut), ISO_8859_1));
            from = cut;
            tell(channel, words);
        }
        channel.writeInbound(Unpooled.copiedBuffer(text.substring(from), ISO_8859_1));
        tell(channel, words);
        var _ = channel.finish();
        tell(channel, words);
        return words.toString();
    }

    private static void tell(EmbeddedChannel channel, StringBuilder words) {
        Object message;
        while ((message = channel.readInbound()) != null) {
            if (message instanceof ByteBuf bytes) {
                words.append("\nnot HTTP: " + bytes.toString(ISO_8859_1));
            } else {
                tell((HttpObject) message, words);
            }
            ReferenceCountUtil.release(message);
        }
    }

    private static void tell(HttpObject message, StringBuilder words) {
        boolean failed = message.decoderResult().isFailure();
        if (message instanceof HttpRequest request && !failed) {
            words.append("\n" + request.method() + " " + request.uri() + " " + request.protocolVersion() + "\n");
            request.headers().entries().forEach(field -> words.append(field.getKey() + "=" + field.getValue() + "\n"));
        } else if (message instanceof HttpResponse response && !failed) {
            words.append("\n" + response.protocolVersion() + " " + response.status() + "\n");
            response.headers().entries().forEach(field -> words.append(field.getKey() + "=" + field.getValue() + "\n"));
        }
        if (failed) {
            words.append(
                    "\nfailed: " + message.decoderResult().cause().getClass().getSimpleName());
        } else if (message instanceof HttpContent content) {
            words.append(content.content().toString(ISO_8859_1));
            if (message instanceof LastHttpContent last) {
                words.append(
                        "<end" + last.trailingHeaders().entries().toString().toLowerCase(Locale.ROOT) + ">");
            }
        }
    }
}
