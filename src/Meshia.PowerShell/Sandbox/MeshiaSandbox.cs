using System.Security;

namespace Meshia;

/// <summary>A local service with the contract of the real one, running as a child of this process.</summary>
public sealed class MeshiaSandbox
{
    private readonly SecureString _apiKey;

    internal MeshiaSandbox(int processId, Uri baseUri, string? dataPath, SecureString apiKey)
    {
        (ProcessId, BaseUri, DataPath, _apiKey) = (processId, baseUri, dataPath, apiKey);
    }

    /// <summary>Its process.</summary>
    public int ProcessId { get; }

    /// <summary>The process id.</summary>
    public override string ToString() => ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Its address.</summary>
    public Uri BaseUri { get; }

    /// <summary>Where it keeps its state, or null where that goes with it.</summary>
    public string? DataPath { get; }

    /// <summary>When it was started, UTC.</summary>
    public DateTimeOffset StartedAt { get; } = DateTimeOffset.UtcNow;

    /// <summary>The key that it takes. It is a method, so that no listing of the object shows it.</summary>
    public SecureString GetApiKey() => _apiKey;
}
