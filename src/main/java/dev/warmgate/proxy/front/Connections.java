package dev.warmgate.proxy.front;

import dev.warmgate.proxy.wire.FlushQueue;
import dev.warmgate.proxy.wire.HeadBytes;
import dev.warmgate.proxy.wire.MessageWriter;
import dev.warmgate.proxy.wire.head.HeadReader;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** The client connections of one event loop, and what they share. Confined to that loop. */
final class Connections {
    private final EventLoop loop;
    private final Clients clients;
    private FrontSettings settings;
    private final ClientListener.Factory listeners;
    private final BooleanSupplier draining;
    private final HeadBytes headBytes = new HeadBytes();
    private final FlushQueue flushes;
    private final HeadReader headReader = new HeadReader();
    private final Set<ClientConnection> open = new HashSet<>();

    Connections(
            EventLoop loop,
            FlushQueue flushes,
            Clients clients,
            FrontSettings settings,
            ClientListener.Factory listeners,
            BooleanSupplier draining) {
        this.loop = loop;
        this.flushes = flushes;
        this.clients = clients;
        this.settings = settings;
        this.listeners = listeners;
        this.draining = draining;
    }

    EventLoop loop() {
        return loop;
    }

    /** Returns what holds for connections that begin now; one that there is keeps what it looked at. */
    FrontSettings settings() {
        return settings;
    }

    void update(FrontSettings other) {
        settings = other;
    }

    ClientListener.Factory listeners() {
        return listeners;
    }

    /** Returns what writes to a connection of HTTP/1.1. */
    MessageWriter writer(Channel channel) {
        return new MessageWriter(channel, headBytes, flushes);
    }

    /** Returns what is told whenever a connection has been read. */
    FlushQueue flushes() {
        return flushes;
    }

    HeadReader headReader() {
        return headReader;
    }

    boolean draining() {
        return draining.getAsBoolean();
    }

    /** Returns the clients of all event loops. */
    Clients clients() {
        return clients;
    }

    void add(ClientConnection connection) {
        open.add(connection);
    }

    void remove(ClientConnection connection) {
        open.remove(connection);
    }

    void drain() {
        new ArrayList<>(open).forEach(ClientConnection::drain);
    }

    void goAway() {
        new ArrayList<>(open).forEach(ClientConnection::goAway);
    }

    void close() {
        new ArrayList<>(open).forEach(ClientConnection::close);
    }
}
