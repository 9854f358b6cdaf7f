using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Meshia.Sandbox.Experiments;

namespace Meshia.Sandbox.Artifacts;

/// <summary>The bytes of artifacts, which are made when they are read: none but given texts are stored.</summary>
internal sealed class ArtifactContent(Database database, Seed seed)
{
    private const int LogLines = 400;
    private const string Binary = "application/octet-stream";

    /// <summary>What a completed experiment leaves behind. Only some write a log.</summary>
    public IEnumerable<Artifact> Produce(Experiment experiment, DateTimeOffset at)
    {
        yield return Make(experiment, at, "checkpoints/last.safetensors", Binary, ArtifactKind.Safetensors);
        yield return Make(experiment, at, "metrics.json", "application/json", ArtifactKind.Metrics);
        if (experiment.Ordinal % 2 == 0)
            yield return Make(experiment, at, "train.log", "text/plain; charset=utf-8", ArtifactKind.Log);
    }

    /// <summary>The files of an experiment that was added.</summary>
    public IEnumerable<Artifact> Produce(Experiment experiment, IEnumerable<PlannedArtifact> planned, DateTimeOffset at) =>
        planned.Select(artifact => new Artifact
        {
            Id = seed.Id("art", experiment.Id, artifact.Name),
            ExperimentId = experiment.Id,
            Name = artifact.Name,
            SizeBytes = artifact.SizeBytes,
            ContentType = artifact.ContentType,
            CreatedAt = at,
            Content = artifact.Text is null ? ArtifactKind.Noise : ArtifactKind.Given,
            Data = artifact.Text,
        });

    /// <summary>An artifact of any name and size, full of noise.</summary>
    public static Artifact MakeNoise(string id, string experimentId, string name, long size, DateTimeOffset at) => new()
    {
        Id = id,
        ExperimentId = experimentId,
        Name = name,
        SizeBytes = size,
        ContentType = Binary,
        CreatedAt = at,
        Content = ArtifactKind.Noise,
    };

    public Stream Open(Artifact artifact, Experiment experiment) => artifact.Content switch
    {
        ArtifactKind.Noise => new GeneratedStream([], NoiseKey(artifact.Id), artifact.SizeBytes),
        ArtifactKind.Given => Text(artifact.Data!),
        _ => Open(artifact.Content, artifact.Id, experiment),
    };

    /// <summary>The artifact with its hash, which is stored from now on.</summary>
    public Artifact WithHash(Artifact artifact, Experiment experiment)
    {
        if (artifact.Sha256 is not null)
            return artifact;
        using var stream = Open(artifact, experiment);
        artifact = artifact with { Sha256 = Convert.ToHexStringLower(SHA256.HashData(stream)) };
        database.Write(connection => ArtifactTable.SetHash(connection, artifact));
        return artifact;
    }

    /// <summary>The experiment with the hashes of its artifacts.</summary>
    public Experiment WithHashes(Experiment experiment) =>
        experiment with { Artifacts = [.. experiment.Artifacts.Select(artifact => WithHash(artifact, experiment))] };

    private Artifact Make(Experiment experiment, DateTimeOffset at, string name, string contentType, ArtifactKind kind)
    {
        var id = seed.Id("art", experiment.Id, name);
        using var stream = Open(kind, id, experiment);
        return new()
        {
            Id = id,
            ExperimentId = experiment.Id,
            Name = name,
            SizeBytes = stream.Length,
            ContentType = contentType,
            CreatedAt = at,
            Content = kind,
        };
    }

    private GeneratedStream Open(ArtifactKind kind, string id, Experiment experiment)
    {
        switch (kind)
        {
            case ArtifactKind.Metrics:
                return Text(experiment.Metrics.ToString());
            case ArtifactKind.Log:
                return Text(Log(id));
            case ArtifactKind.Safetensors:
                // 64 KB to 1 MB of weights behind the header that makes it a file that the usual tools open.
                var bytes = 4 * seed.Random("size", id).Next(16 * 1024, 256 * 1024);
                var header = SafetensorsHeader(bytes);
                return new(header, NoiseKey(id), header.Length + bytes);
            default:
                throw new ArgumentOutOfRangeException(nameof(kind));
        }
    }

    private static byte[] SafetensorsHeader(int bytes)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new
        {
            lora_weight = new { dtype = "I32", shape = new[] { bytes / 4 }, data_offsets = new[] { 0, bytes } },
        });
        var header = new byte[sizeof(long) + json.Length];
        BinaryPrimitives.WriteInt64LittleEndian(header, json.Length);
        json.CopyTo(header, sizeof(long));
        return header;
    }

    private string Log(string id)
    {
        var random = seed.Random("log", id);
        var text = new StringBuilder();
        for (var step = 1; step <= LogLines; step++)
            text.Append(CultureInfo.InvariantCulture, $"step {step,4} loss {2.5 / Math.Sqrt(step) + (0.1 * random.NextDouble()):F6} lr {0.0003 * (1 - ((double)step / LogLines)):E3}\n");
        return text.ToString();
    }

    private static GeneratedStream Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return new(bytes, new byte[16], bytes.Length);
    }

    private byte[] NoiseKey(string id) => seed.Hash("noise", id)[..16];
}
