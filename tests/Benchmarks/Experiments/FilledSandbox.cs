using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Meshia.Benchmarks;

/// <summary>The sandbox that lies in the module, in a process of its own, with a session of 100 large experiments in its database.</summary>
internal sealed class FilledSandbox : IDisposable
{
    private const int Count = 100;
    private const int ConfigKeys = 200;
    private const int Metrics = 100;
    public const string Key = "msh_benchmark";

    private readonly Process _process;

    private FilledSandbox(Process process, Uri baseUri, string sessionId) => (_process, BaseUri, SessionId) = (process, baseUri, sessionId);

    /// <summary>Where its API begins.</summary>
    public Uri BaseUri { get; }

    /// <summary>The session of the experiments.</summary>
    public string SessionId { get; }

    private static IReadOnlyList<string> Ids { get; } = [.. Enumerable.Range(0, Count).Select(index => $"exp_{index:x16}")];

    /// <param name="folder">Where it keeps its state.</param>
    public static async Task<FilledSandbox> StartAsync(string folder)
    {
        // Its own database first, then the experiments that no sandbox would make.
        string sessionId;
        using (var empty = await StartAsync(folder, ""))
        using (var http = empty.Client())
        using (var created = await http.PostAsync("sessions", JsonContent(new { name = "benchmark", gpu = "rtx4090" })))
        using (var session = await JsonDocument.ParseAsync(await created.Content.ReadAsStreamAsync()))
            sessionId = session.RootElement.GetProperty("id").GetString()!;
        Fill(folder, sessionId);
        return await StartAsync(folder, sessionId);
    }

    private HttpClient Client() => new()
    {
        BaseAddress = new($"{BaseUri}/"),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Key) },
    };

    private static ByteArrayContent JsonContent(object value) => new(JsonSerializer.SerializeToUtf8Bytes(value)) { Headers = { ContentType = new("application/json") } };

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static async Task<FilledSandbox> StartAsync(string folder, string sessionId)
    {
        string[] arguments = [Path.Combine(BuiltModule.Folder, "..", "Meshia.Sandbox", "service", "Meshia.Sandbox.dll"), "--data", folder, "--port", "0", "--storage-port", "0", "--experiment-seconds", "0", "--rate-limit", "1000000", "--exit-with-stdin"];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["MESHIA_SANDBOX_KEY"] = Key;
        var process = Process.Start(start)!;
        using var ready = JsonDocument.Parse((await process.StandardOutput.ReadLineAsync())!);
        return new(process, new(ready.RootElement.GetProperty("base_uri").GetString()!), sessionId);
    }

    private static void Fill(string folder, string sessionId)
    {
        var random = new Random(1);
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "meshia-sandbox.db")};Pooling=False");
        connection.Open();
        using var transaction = connection.BeginTransaction();
        foreach (var (index, id) in Ids.Index())
        {
            using var insert = connection.CreateCommand();
            insert.CommandText = "INSERT INTO experiments (id, session_id, ordinal, name, status, config, metrics, created_at, duration_seconds) VALUES ($id, $session, $ordinal, $name, 'completed', $config, $metrics, $now, 3600)";
            insert.Parameters.AddWithValue("$id", id);
            insert.Parameters.AddWithValue("$session", sessionId);
            insert.Parameters.AddWithValue("$ordinal", Count + index);
            insert.Parameters.AddWithValue("$name", $"run-{index}");
            insert.Parameters.AddWithValue("$config", JsonSerializer.Serialize(Enumerable.Range(0, ConfigKeys).ToDictionary(key => $"group{key % 8}.key{key}", _ => random.Next(1000))));
            insert.Parameters.AddWithValue("$metrics", JsonSerializer.Serialize(Enumerable.Range(0, Metrics).ToDictionary(key => $"metric{key}/loss", _ => random.NextDouble())));
            insert.Parameters.AddWithValue("$now", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
            insert.ExecuteNonQuery();
        }

        transaction.Commit();
    }
}
