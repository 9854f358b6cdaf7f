namespace Meshia.Sandbox.Connection;

/// <summary>The two addresses; known once the ports are.</summary>
internal sealed class Origins
{
    public const string ApiPath = "/api/v1";

    /// <summary>For tests and demonstrations: what begins so is no part of Meshia's contract, and the service has nothing like it.</summary>
    public const string SandboxPath = "/sandbox";

    public Uri Api { get; private set; } = new("http://127.0.0.1:0");

    public Uri Storage { get; private set; } = new("http://127.0.0.1:0");

    public void Set(string api, string storage) => (Api, Storage) = (new(api), new(storage));
}
