using System.Net;

namespace Meshia.Tests;

/// <summary>A session's life; what happened goes to standard output, a line for each step.</summary>
internal static class SessionLife
{
    public static async Task RunAsync(Uri address, string key, string folder)
    {
        using var client = new MeshiaClient(new ApiKey(key), new MeshiaClientOptions { BaseUri = address });

        // As Windows PowerShell may start: TLS 1.2 is added by the first request, and nothing taken away.
        ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls;
        var sessions = new List<Session>();
        await foreach (var session in client.GetSessionsAsync())
            sessions.Add(session);
        Console.WriteLine($"tls {ServicePointManager.SecurityProtocol == (SecurityProtocolType.Tls | SecurityProtocolType.Tls12)}");
        Console.WriteLine($"sessions {sessions.Count} {sessions[0].Status}");

        var experiments = new List<Experiment>();
        await foreach (var experiment in client.GetExperimentsAsync(sessions[0].Id))
        {
            if (experiment.Status == "completed")
                experiments.Add(experiment);
        }

        Console.WriteLine($"experiments {experiments.Count}");

        var comparison = await client.CompareExperimentsAsync(experiments.ConvertAll(experiment => experiment.Id));
        Console.WriteLine($"compared {comparison.Experiments.Count}");

        await foreach (var artifact in client.GetArtifactsAsync(experiments[0].Id))
        {
            var path = Path.Combine(folder, artifact.Id);
            var saved = await client.SaveArtifactAsync(artifact, path);
            Console.WriteLine($"saved {new FileInfo(path).Length == artifact.SizeBytes} {saved.Verified}");
        }

        try
        {
            await client.GetSessionAsync("sess_missing");
        }
        catch (MeshiaException failure)
        {
            Console.WriteLine($"failed {failure.Code}");
        }

        var created = await client.CreateSessionAsync("framework", "rtx4090");
        await client.StopSessionAsync(created.Id);
        Console.WriteLine("stopped");
    }
}
