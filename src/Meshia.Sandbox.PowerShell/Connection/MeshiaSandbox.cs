using System.Security;

namespace Meshia;

/// <summary>A local service with the contract of the real one. It ends with the session that started it, or is detached.</summary>
public sealed class MeshiaSandbox
{
    internal MeshiaSandbox(RunningSandbox sandbox) => Running = sandbox;

    /// <summary>Its process.</summary>
    public int ProcessId => Running.ProcessId;

    /// <summary>The process id.</summary>
    public override string ToString() => ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Its address.</summary>
    public Uri BaseUri => Running.BaseUri;

    /// <summary>Where it keeps its state, or null if that goes with it.</summary>
    public string? DataPath => Running.DataPath;

    /// <summary>When it was started, UTC.</summary>
    public DateTimeOffset StartedAt => Running.StartedAt;

    /// <summary>Whether it continues when the session that started it ends.</summary>
    public bool IsDetached => Running.IsDetached;

    /// <summary>
    /// The key that it takes; null for a detached sandbox of another session whose key a user gave. It is a method, so that no
    /// listing of the object shows it.
    /// </summary>
    public SecureString? GetApiKey() => Running.Key?.ToSecureString();

    internal RunningSandbox Running { get; }
}
