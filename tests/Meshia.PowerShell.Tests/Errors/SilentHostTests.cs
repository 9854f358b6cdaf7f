using System.Net;
using System.Net.Sockets;

namespace Meshia.PowerShell.Tests;

/// <summary>An address where nobody answers at all, as behind a firewall that drops what comes.</summary>
public sealed class SilentHostTests
{
    [Fact]
    public async Task Each_item_is_an_error_of_the_connection()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux leaves a connection unanswered where a listener's queue is full.");
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var waiting = Enumerable.Range(0, 4).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        var queue = waiting.ConvertAll(socket => socket.ConnectAsync(listener.LocalEndPoint!));
        await queue[0];
        using var session = new ModuleSession();
        session.Output("Connect-Meshia -ApiKey $key -BaseUri $uri -MaximumRetryCount 0", ("key", ModuleSession.NewKey()), ("uri", new Uri($"http://{listener.LocalEndPoint}/api/v1")));

        var result = session.Invoke("Get-MeshiaSession a; 'went on'");

        Assert.Equal("went on", Assert.Single(result.Output).ToString());
        Assert.Equal("unreachable,Meshia.PowerShell.GetMeshiaSession", result.Error.FullyQualifiedErrorId);
        Assert.EndsWith("failed: no connection was made within 20 s.", result.Error.ToString());
        waiting.ForEach(socket => socket.Dispose());
        // Those that still waited end with the sockets.
        await Task.WhenAll(queue.Select(connecting => connecting.ContinueWith(static ended => _ = ended.Exception, TaskScheduler.Default)));
    }
}
