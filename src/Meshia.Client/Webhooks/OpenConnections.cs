using System.Net.Sockets;

namespace Meshia;

/// <summary>
/// The connections of a receiver. When there are as many as there may be, the next one takes the place of the one that
/// matters least, so that idle and slow senders cannot keep a delivery out: first one that has sent nothing for a while, then
/// one whose request has taken a while, then one that has just come, and last one whose request has just begun; the
/// oldest first. One whose event is being taken keeps its place.
/// </summary>
/// <param name="most">How many there may be.</param>
internal sealed class OpenConnections(int most)
{
    private readonly object _lock = new();
    private readonly HashSet<OpenConnection> _connections = [];
    private TaskCompletionSource<bool> _changed = NewSignal();

    /// <summary>Waits until there is a place for one more.</summary>
    public async Task WaitForPlaceAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_connections.Count < most || _connections.Any(connection => !connection.IsTaking))
                    return;
                changed = _changed.Task;
            }

            var cancelled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            using (cancellationToken.Register(() => cancelled.TrySetCanceled()))
                await (await Task.WhenAny(changed, cancelled.Task).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    /// <summary>Adds a connection.</summary>
    /// <returns>The one that it replaced, which is closed; null if there was room.</returns>
    public OpenConnection? Add(OpenConnection connection)
    {
        OpenConnection? replaced = null;
        lock (_lock)
        {
            if (_connections.Count >= most)
                replaced = _connections.Where(other => !other.IsTaking).OrderBy(other => other.Rank).ThenBy(other => other.Since).FirstOrDefault();
            if (replaced is not null)
                _connections.Remove(replaced);
            _connections.Add(connection);
        }

        replaced?.Close();
        return replaced;
    }

    /// <summary>Removes a connection that has ended.</summary>
    public void Remove(OpenConnection connection)
    {
        lock (_lock)
            _connections.Remove(connection);
        Changed();
    }

    /// <summary>Says that a connection is or is no longer taking an event.</summary>
    public void SetTaking(OpenConnection connection, bool isTaking)
    {
        lock (_lock)
            connection.IsTaking = isTaking;
        if (!isTaking)
            Changed();
    }

    private void Changed()
    {
        TaskCompletionSource<bool> changed;
        lock (_lock)
            (changed, _changed) = (_changed, NewSignal());
        changed.SetResult(true);
    }

    private static TaskCompletionSource<bool> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A connection of a sender.</summary>
/// <param name="socket">Its socket, which the connection owns.</param>
internal sealed class OpenConnection(Socket socket)
{
    /// <summary>How long a connection counts as one that has just come, or just begun: a second, in the units of the time stamps.</summary>
    private static readonly long _fresh = System.Diagnostics.Stopwatch.Frequency;

    /// <summary>Whether its event is on its way into the pipeline.</summary>
    public bool IsTaking { get; set; }

    /// <summary>Whether some of a request has come.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Since when it has been so, as a time stamp of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long Since { get; private set; } = System.Diagnostics.Stopwatch.GetTimestamp();

    /// <summary>How much it matters. A delivery that has just come has not been read yet: it must not give way to the next one.</summary>
    public int Rank => (System.Diagnostics.Stopwatch.GetTimestamp() - Since < _fresh, HasBegun) switch
    {
        (false, false) => 0,
        (false, true) => 1,
        (true, false) => 2,
        (true, true) => 3,
    };

    /// <summary>The sender's address, for a message.</summary>
    public string Sender { get; } = NameOf(socket);

    /// <summary>The socket.</summary>
    public Socket Socket => socket;

    /// <summary>Says that a request has begun, or that the next one is waited for.</summary>
    public void Mark(bool hasBegun)
    {
        if (HasBegun == hasBegun)
            return;
        HasBegun = hasBegun;
        Since = System.Diagnostics.Stopwatch.GetTimestamp();
    }

    /// <summary>Closes the connection, which ends what is being read.</summary>
    public void Close() => socket.Dispose();

    /// <summary>A connection that was reset already has no address any more.</summary>
    private static string NameOf(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint?.ToString() ?? "a sender";
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            return "a sender";
        }
    }
}
