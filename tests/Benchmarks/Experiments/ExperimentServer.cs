using System.Net;
using System.Text.Json;

namespace Meshia.Benchmarks;

/// <summary>A service that has its answers ready: a session's experiments, and the comparison of them all in the sandbox's form.</summary>
internal sealed class ExperimentServer : IDisposable
{
    private const int Count = 100;
    private const int ConfigKeys = 200;
    private const int Metrics = 100;

    private readonly HttpListener _listener = new();
    private readonly byte[] _list;
    private readonly byte[] _comparison;

    /// <param name="port">A free port on loopback.</param>
    public ExperimentServer(int port)
    {
        var random = new Random(1);
        var experiments = Enumerable.Range(0, Count).Select(index => new
        {
            id = $"exp_{index:x16}",
            session_id = "sess_1",
            name = $"run-{index}",
            status = "completed",
            created_at = "2026-11-24T00:00:00Z",
            duration_seconds = 3600,
            config = Enumerable.Range(0, ConfigKeys).ToDictionary(key => $"group{key % 8}.key{key}", _ => (object)random.Next(1000)),
            metrics = Enumerable.Range(0, Metrics).ToDictionary(key => $"metric{key}/loss", _ => random.NextDouble()),
        }).ToList();
        _list = JsonSerializer.SerializeToUtf8Bytes(new { experiments, has_more = false });
        _comparison = JsonSerializer.SerializeToUtf8Bytes(new
        {
            experiments,
            config_diffs = experiments[0].config.Keys.Select(key => new { key, values = experiments.ToDictionary(experiment => experiment.id, experiment => experiment.config[key]) }),
            metric_summaries = experiments[0].metrics.Keys.Select(metric => new
            {
                metric,
                values = experiments.ToDictionary(experiment => experiment.id, experiment => experiment.metrics[metric]),
                min = experiments.Min(experiment => experiment.metrics[metric]),
                max = experiments.Max(experiment => experiment.metrics[metric]),
                mean = experiments.Average(experiment => experiment.metrics[metric]),
                best = experiments.MinBy(experiment => experiment.metrics[metric])!.id,
            }),
        });
        BaseUri = new($"http://127.0.0.1:{port}/api/v1");
        _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Where its API begins.</summary>
    public Uri BaseUri { get; }

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            var context = await _listener.GetContextAsync();
            await context.Request.InputStream.CopyToAsync(Stream.Null);
            context.Response.ContentType = "application/json";
            await context.Response.OutputStream.WriteAsync(context.Request.HttpMethod == "POST" ? _comparison : _list);
            context.Response.Close();
        }
    }
}
