using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Meshia.PowerShell.Tests;

public sealed class ReceiveMeshiaWebhookTests : IDisposable
{
    private const string Secret = "s3cret-of-receiver";

    private readonly ModuleSession _session = new();
    private readonly Uri _uri = new($"http://127.0.0.1:{Ports.Free()}/hook");

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Writes_events_as_they_come_until_there_are_enough()
    {
        var receiving = ReceiveAsync("-Count 2 -TimeoutSeconds 60");

        await SendAsync("session.started, experiment.completed");

        var result = await receiving;
        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
        Assert.Equal(["Meshia.WebhookEvent", "Meshia.ExperimentCompletedEvent"], result.Output.Select(item => item.TypeNames[0]));
        Assert.Equal(true, result.Output[0].Properties["IsVerified"].Value);
    }

    [Theory]
    [InlineData("2020-01-01T00:00:00Z")]
    [InlineData("2099-01-01T00:00:00Z")]
    public async Task A_signed_event_of_another_time_gives_a_warning_and_no_object(string timestamp)
    {
        var receiving = ReceiveAsync("-Count 1 -TimeoutSeconds 60");

        await SendBodyAsync($$$"""{"event":"plan.completed","timestamp":"{{{timestamp}}}","data":{}}""");
        await SendAsync("experiment.completed");

        var result = await receiving;
        Assert.Equal("experiment.completed", Assert.Single(result.Output).Properties["EventType"].Value);
        Assert.Contains("timestamp", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_pings_and_what_is_not_asked_for_and_leaves_them()
    {
        var receiving = ReceiveAsync("-Count 1 -TimeoutSeconds 60 -EventType experiment.* -SessionId sess_b -Verbose");

        await SendAsync("ping, session.stopped, experiment.completed");
        await SendAsync("experiment.failed -SessionId sess_b");

        var result = await receiving;
        Assert.Equal("experiment.failed", Assert.Single(result.Output).Properties["EventType"].Value);
        Assert.Contains(result.Verbose, text => text.Contains("ping was received, but the parameters do not include it", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ends_upstream_when_downstream_wants_no_more_and_still_answers()
    {
        var receiving = Task.Run(() => _session.Invoke($"foreach ($event in 1) {{ Receive-MeshiaWebhook {_uri} -Secret '{Secret}' -TimeoutSeconds 60 | ForEach-Object {{ $_; break }} }}"), Cancel);

        var sent = await SendAsync("session.started");

        Assert.Equal("session.started", Assert.Single((await receiving).Output).Properties["EventType"].Value);
        Assert.Empty(sent.Errors);
    }

    [Fact]
    public async Task Refuses_what_is_not_signed_with_the_secret()
    {
        var receiving = ReceiveAsync("-Count 1 -TimeoutSeconds 60 -Verbose");

        var refused = await SendAsync("session.started", "other");
        await SendAsync("session.stopped");

        var result = await receiving;
        Assert.Equal("session.stopped", Assert.Single(result.Output).Properties["EventType"].Value);
        Assert.Contains("answered 401", refused.Error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains(result.Verbose, text => text.Contains("answered 401", StringComparison.Ordinal));
        Assert.DoesNotContain(result.Verbose, text => text.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Too_few_in_time_is_an_error_that_counts_them()
    {
        var receiving = ReceiveAsync("-Count 2 -TimeoutSeconds 10");

        await SendAsync("session.started");

        var result = await receiving;
        Assert.Single(result.Output);
        Assert.Equal("ReceiveTimedOut,Meshia.PowerShell.ReceiveMeshiaWebhook", result.Error.FullyQualifiedErrorId);
        Assert.Contains("1 of 2 events", result.Error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Time_alone_ends_it_without_an_error()
    {
        var result = await ReceiveAsync("-TimeoutSeconds 1");

        Assert.Empty(result.Output);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task At_Ctrl_C_an_event_is_either_out_or_not_answered_with_success()
    {
        using var shell = System.Management.Automation.PowerShell.Create(_session.Runspace);
        // The pipeline is busy with the first event for ever, so the second can never get out.
        shell.AddScript($"Receive-MeshiaWebhook {_uri} -Secret '{Secret}' | ForEach-Object {{ $_; $global:got = $true; while ($true) {{ }} }}");
        var output = new System.Management.Automation.PSDataCollection<System.Management.Automation.PSObject>();
        var running = shell.BeginInvoke<object, System.Management.Automation.PSObject>(null, output);
        using var sender = new ModuleSession();
        var first = Task.Run(() => sender.Invoke($"Send-MeshiaWebhook {_uri} -Secret '{Secret}' -EventType session.started -TimeoutSeconds 60"), Cancel);
        while (output.Count == 0)
        {
            Assert.False(running.IsCompleted, "The receiver ended by itself.");
            await Task.Delay(20, Cancel);
        }

        using var other = new ModuleSession();
        var second = Task.Run(() => other.Invoke($"Send-MeshiaWebhook {_uri} -Secret '{Secret}' -EventType session.stopped -TimeoutSeconds 60"), Cancel);
        await Task.Delay(500, Cancel);

        await shell.StopAsync(null, null);

        Assert.Throws<System.Management.Automation.PipelineStoppedException>(() => shell.EndInvoke(running));
        Assert.Equal("session.started", Assert.Single(output).Properties["EventType"].Value);
        Assert.Empty((await second).Output);
        Assert.NotEmpty((await second).Errors);
        await first;
    }

    [Theory]
    [InlineData("Receive-MeshiaWebhook", "InvalidSecret")]
    [InlineData("Receive-MeshiaWebhook -Secret s -AllowUnverified", "InvalidSecret")]
    [InlineData("Receive-MeshiaWebhook -Secret ''", "InvalidSecret")]
    [InlineData("Receive-MeshiaWebhook https://127.0.0.1:8787/ -Secret s", "InvalidAddress")]
    [InlineData("Receive-MeshiaWebhook http://nowhere.example:8787/ -Secret s", "InvalidAddress")]
    [InlineData("Receive-MeshiaWebhook http://203.0.113.1:8787/ -Secret s", "CannotListen")]
    [InlineData("Receive-MeshiaWebhook -Secret \"s3cret`r`n\"", "ParameterArgumentValidationError")]
    [InlineData("Receive-MeshiaWebhook -Secret ' s3cret'", "ParameterArgumentValidationError")]
    [InlineData("Receive-MeshiaWebhook -Secret s3cret -MaximumAge 3600", "ParameterArgumentTransformationError")]
    public void Bad_input_is_one_terminating_error(string command, string id)
    {
        var caught = Assert.Single(_session.Invoke($"try {{ {command} }} catch {{ $_ }}").Output);

        Assert.Equal($"{id},Meshia.PowerShell.ReceiveMeshiaWebhook", caught.Properties["FullyQualifiedErrorId"].Value);
    }

    [Fact]
    public async Task From_registering_to_the_event_with_a_receiver_that_is_down_at_first()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        using var session = sandbox.Connect();
        var hook = Assert.Single(session.Output($"Register-MeshiaWebhook {_uri} -Event experiment.completed -GenerateSecret"));
        // The ping and the events of these experiments find nobody; time passes only when the sandbox is told so.
        await sandbox.CreateFinishedSessionAsync();
        await Task.Delay(500, Cancel);

        var receiving = Task.Run(() => session.Invoke($"Receive-MeshiaWebhook {_uri} -Secret $hook.Secret -Count 1 -TimeoutSeconds 60", ("hook", hook)), Cancel);
        while (!receiving.IsCompleted)
        {
            await Task.Delay(200, Cancel);
            sandbox.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var received = Assert.Single((await receiving).Output);
        Assert.Equal("Meshia.ExperimentCompletedEvent", received.TypeNames[0]);
        var experiment = Assert.Single(session.Output("$event | Get-MeshiaExperiment", ("event", received)));
        Assert.Equal(received.Properties["ExperimentId"].Value, experiment.Properties["Id"].Value);
    }

    private Task<ModuleSession.Result> ReceiveAsync(string arguments) =>
        Task.Run(() => _session.Invoke($"Receive-MeshiaWebhook {_uri} -Secret '{Secret}' {arguments}"), Cancel);

    /// <summary>Sends a signed body as soon as somebody listens.</summary>
    private async Task SendBodyAsync(string body)
    {
        while (!await IsListeningAsync())
            await Task.Delay(20, Cancel);
        using var http = new HttpClient();
        using var content = new StringContent(body);
        content.Headers.Add("X-Meshia-Signature", $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(body)))}");
        using var answer = await http.PostAsync(_uri, content, Cancel);
    }

    /// <summary>Sends events as soon as somebody listens.</summary>
    private async Task<ModuleSession.Result> SendAsync(string eventsAndMore, string secret = Secret)
    {
        using var sender = new ModuleSession();
        var patience = Stopwatch.StartNew();
        while (!await IsListeningAsync())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), "Nobody listens.");
            await Task.Delay(20, Cancel);
        }

        return await Task.Run(() => sender.Invoke($"Send-MeshiaWebhook {_uri} -Secret '{secret}' -TimeoutSeconds 60 -EventType {eventsAndMore}"), Cancel);
    }

    private async Task<bool> IsListeningAsync()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, _uri.Port, Cancel);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
