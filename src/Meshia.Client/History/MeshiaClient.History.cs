namespace Meshia;

public sealed partial class MeshiaClient
{
    /// <summary>
    /// Brings an archive of experiments up to date: one request for the list of sessions, and one for each session that is not
    /// known to be over. Experiments that have ended are not fetched again ([A] they do not change). A sync that dies is
    /// continued by the next one, and two syncs of a folder take turns.
    /// </summary>
    /// <param name="folder">The archive's full path; it is created if it is missing.</param>
    /// <param name="options">What to do.</param>
    /// <param name="call">The settings of the calls.</param>
    /// <param name="cancellationToken">Ends the sync.</param>
    /// <exception cref="IOException">The archive cannot be written, or a newer version of the module wrote it.</exception>
    public Task<ExperimentSyncResult> SyncExperimentsAsync(string folder, SyncOptions? options = null, CallOptions? call = null, CancellationToken cancellationToken = default) =>
        new ExperimentSync(Transport, Path.GetFullPath(folder), options ?? new(), call).RunAsync(cancellationToken);
}
