package dev.warmgate.proxy.wire.head;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.LastHttpContent;

/** Content that ends a message, without trailer fields and without room for any. */
public final class LastContent extends DefaultHttpContent implements LastHttpContent {
    /** Creates it from bytes, which it takes over. */
    public LastContent(ByteBuf bytes) {
        super(bytes);
    }

    @Override
    public HttpHeaders trailingHeaders() {
        return EmptyHttpHeaders.INSTANCE;
    }

    @Override
    public LastContent copy() {
        return replace(content().copy());
    }

    @Override
    public LastContent duplicate() {
        return replace(content().duplicate());
    }

    @Override
    public LastContent retainedDuplicate() {
        return replace(content().retainedDuplicate());
    }

    @Override
    public LastContent replace(ByteBuf bytes) {
        var replaced = new LastContent(bytes);
        replaced.setDecoderResult(decoderResult());
        return replaced;
    }

    @Override
    public LastContent retain() {
        super.retain();
        return this;
    }

    @Override
    public LastContent retain(int increment) {
        super.retain(increment);
        return this;
    }

    @Override
    public LastContent touch() {
        super.touch();
        return this;
    }

    @Override
    public LastContent touch(Object hint) {
        super.touch(hint);
        return this;
    }
}
