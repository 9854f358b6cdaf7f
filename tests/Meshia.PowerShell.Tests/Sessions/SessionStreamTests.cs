using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Meshia.PowerShell.Tests;

/// <summary>Lists come out as they come in, however long they are.</summary>
public sealed class SessionStreamTests
{
    private const int Count = 10_000;
    private const int PageSize = 1_000;
    private const int MostGrowth = 30_000_000;

    /// <summary>A few pages; all sessions at once would be several times as much.</summary>
    private const int MostLive = 3_000_000;

    /// <summary>Only a list that is never shown waits this long.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Ten_thousand_sessions_take_less_than_30_MB()
    {
        await using var service = await ScriptedService.StartAsync(SendPage);
        using var shell = new ShellProcess();

        // Measured in a process of its own, after a short list that loads whatever has to be loaded once.
        var (exitCode, output, error) = await shell.RunAsync(
            """
            param($BaseUri, $Key)
            Connect-Meshia -ApiKey $Key -BaseUri $BaseUri
            function Measure-Memory { [System.Diagnostics.Process]::GetCurrentProcess().WorkingSet64 }
            $state = @{ Peak = 0; Count = 0; Live = 0 }
            function Use-List([hashtable] $Filter = @{}) {
                $state.Count = 0
                Get-MeshiaSession @Filter | ForEach-Object {
                    if ($state.Count++ % 250 -eq 0) {
                        $state.Peak = [Math]::Max($state.Peak, (Measure-Memory))
                        if ($state.Count % 2500 -eq 1) { $state.Live = [Math]::Max($state.Live, [GC]::GetTotalMemory($true)) }
                    }
                }
            }
            Use-List @{ Status = 'running' }
            $state.Peak = $state.Live = 0
            $liveBefore, $before = [GC]::GetTotalMemory($true), (Measure-Memory)
            Get-MeshiaSession | Out-Null
            Use-List
            '{0} {1} {2}' -f $state.Count, ($state.Peak - $before), ($state.Live - $liveBefore)
            """,
            arguments: [service.BaseUri.AbsoluteUri, ModuleSession.NewKey()]);

        Assert.Equal((0, ""), (exitCode, error));
        long[] measured = [.. output.Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture))];
        TestContext.Current.TestOutputHelper!.WriteLine(output);
        Assert.Equal(Count, measured[0]);
        Assert.True(measured[1] < MostGrowth, $"The process grew by {measured[1]:N0} bytes.");
        Assert.True(measured[2] < MostLive, $"What cannot be collected grew by {measured[2]:N0} bytes.");
    }

    [Fact]
    public async Task The_first_session_is_out_before_the_last_page_is_in()
    {
        using var seen = new ManualResetEventSlim();
        var wasSeen = false;
        await using var service = await ScriptedService.StartAsync(async (request, context) =>
        {
            if (PageOf(request) == (Count / PageSize) - 1)
                wasSeen = seen.Wait(_patience, context.RequestAborted);
            await SendPage(request, context);
        });
        using var session = Connect(service);

        var output = session.Output("Get-MeshiaSession | ForEach-Object { $seen.Set(); $_ }", ("seen", seen));

        Assert.True(wasSeen, "Nothing came out before the last page was sent.");
        Assert.Equal(Count, output.Count);
    }

    [Fact]
    public async Task What_is_in_is_out_before_the_last_byte_of_its_page_is_in()
    {
        using var seen = new SemaphoreSlim(0);
        List<bool> wereSeen = [];
        await using var service = await ScriptedService.StartAsync(async (_, context) =>
        {
            context.Response.ContentType = "application/json";
            await SendAsync($$"""{"sessions":[{{SessionJson.Of("sess_1")}}""");
            await SendAsync($",{SessionJson.Of("sess_2")},{SessionJson.Of("sess_3")}");
            await context.Response.WriteAsync("]}");

            async Task SendAsync(string part)
            {
                await context.Response.WriteAsync(part);
                await context.Response.Body.FlushAsync();
                wereSeen.Add(await seen.WaitAsync(_patience, context.RequestAborted));
            }
        });
        using var session = Connect(service);

        var output = session.Output("Get-MeshiaSession | ForEach-Object { if ($_.Id -in 'sess_1', 'sess_3') { $null = $seen.Release() }; $_.Id }", ("seen", seen));

        Assert.Equal([true, true], wereSeen);
        Assert.Equal(["sess_1", "sess_2", "sess_3"], output.Select(id => id.BaseObject));
    }

    [Fact]
    public async Task Asking_for_the_first_session_only_sends_one_request()
    {
        await using var service = await ScriptedService.StartAsync(SendPage);
        using var session = Connect(service);

        var first = session.Output("Get-MeshiaSession | Select-Object -First 1; 'afterwards'");

        Assert.Equal(["sess_0", "afterwards"], first.Select(item => item.Properties["Id"]?.Value ?? item.BaseObject));
        Assert.Equal(["GET /sessions"], service.Requests.Select(request => request.Endpoint));
    }

    [Fact]
    public async Task The_next_page_is_not_asked_for_before_the_pipeline_has_taken_this_one()
    {
        await using var service = await ScriptedService.StartAsync(SendPage);
        using var session = Connect(service);

        // Long enough for a page to arrive, had it been asked for.
        var output = session.Output(
            "Get-MeshiaSession | ForEach-Object { if ($_.Id -eq 'sess_0') { Start-Sleep -Seconds 1 }; if ($_.Id -in 'sess_0', 'sess_999') { $service.Requests.Count } }",
            ("service", service));

        Assert.Equal([1, 1], output.Select(count => count.BaseObject));
        Assert.Equal(Count / PageSize, service.Requests.Count);
    }

    [Fact]
    public async Task An_error_about_an_item_stands_between_the_items_around_it()
    {
        var items = Enumerable.Range(0, 600).Select(number => number == 300 ? """{"name":"without an id"}""" : SessionJson.Of($"sess_{number}"));
        await using var service = await ScriptedService.StartAsync(Reply.Ok(SessionJson.List(items, null)));
        using var session = Connect(service);

        // The pipeline is slow at first, so that what comes meanwhile waits for it together.
        var output = session.Invoke("Get-MeshiaSession 2>&1 | ForEach-Object { if ($_.Id -eq 'sess_0') { Start-Sleep -Milliseconds 500 }; $_ }").Output;

        // The last one says that the list is not complete.
        Assert.Equal(["300: ErrorRecord", "600: ErrorRecord"], output.Select((item, place) => $"{place}: {item.BaseObject.GetType().Name}").Where(line => !line.EndsWith(": Session", StringComparison.Ordinal)));
        Assert.Equal(["sess_299", "sess_301"], [output[299].Properties["Id"].Value, output[301].Properties["Id"].Value]);
    }

    private static ModuleSession Connect(ScriptedService service)
    {
        var session = new ModuleSession();
        session.Connect(service.BaseUri);
        return session;
    }

    private static int PageOf(SeenRequest request) => request.Query.StartsWith("?cursor=", StringComparison.Ordinal) ? int.Parse(request.Query["?cursor=".Length..], CultureInfo.InvariantCulture) : 0;

    private static Task SendPage(SeenRequest request, HttpContext context)
    {
        var page = PageOf(request);
        var sessions = Enumerable.Range(page * PageSize, PageSize).Select(number => SessionJson.Of($"sess_{number}", $"run {number}"));
        var next = page + 1 < Count / PageSize && !request.Query.Contains("status", StringComparison.Ordinal) ? $"{page + 1}" : null;
        return Reply.Ok(SessionJson.List(sessions, next)).SendAsync(context.Response);
    }
}
